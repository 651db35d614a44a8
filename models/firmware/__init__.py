"""What makes firmware genuine: manifests, signatures, trusted keys, images. No database, no network.

    image file ─→ Manifest ─ manifest_bytes ─→ bytes ─ sign ─→ Signature          on the release computer
    bytes + signatures ─ verify(trusted keys, now) ─→ Manifest                    wherever bytes are used
    download ─ check_image ─→ the very bytes that may be sent

`canonical.py` one text for one meaning, `manifest.py` and `permits.py` what such texts say, `key_files.py`
and `trusted_keys.py` who signs and whom this computer believes, `signing.py` the signatures, `images.py`
length and hash, `versions.py` which of two versions is newer, `downgrades.py` whether a device may get one.
"""
