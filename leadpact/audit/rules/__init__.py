"""The rules of the audit, one file each; the registry finds them."""
