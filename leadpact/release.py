"""Which release of LeadPact this is: one number, in pyproject.toml and here, held equal by a test."""

VERSION = "0.1.0"
