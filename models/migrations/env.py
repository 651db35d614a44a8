"""How Alembic runs our revisions: on the connection it is given, in one transaction, under one lock."""

from alembic import context

# Without this a % in our statements would be taken for a placeholder, although there are no parameters.
connection = context.config.attributes["connection"].execution_options(no_parameters=True)
context.configure(
    connection=connection,
    version_table="schema_revision",
    version_table_schema="app",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
