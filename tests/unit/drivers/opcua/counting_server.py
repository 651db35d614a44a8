"""A server whose variable ns=2;s=Count counts up ten times a second. Argument: the endpoint."""

import asyncio
import logging
import sys

from asyncua import Server, ua


async def main(endpoint: str) -> None:
    logging.disable(logging.CRITICAL)
    server = Server()
    await server.init()
    server.set_endpoint(endpoint)
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    index = await server.register_namespace("urn:test:plant")
    count = await server.nodes.objects.add_variable(ua.NodeId("Count", index), "Count", 0)
    async with server:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        number = 0
        while True:
            await asyncio.sleep(0.05)
            number += 1
            await count.write_value(number)


asyncio.run(main(sys.argv[1]))
