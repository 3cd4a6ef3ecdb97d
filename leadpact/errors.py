"""The errors of the domain, each with the exit code the command line promises for it."""

from __future__ import annotations

from config.errors import REFUSED, USAGE, LeadPactError


class Misconfigured(LeadPactError):
    """A setting, option or document is wrong; nothing was read or written."""

    exit_code = USAGE


class BadMapping(Misconfigured):
    """The mapping names a source, field or format that cannot be."""


class NoMirror(Misconfigured):
    """There is no published generation to read; the remedy is `sync`."""


class SourceRefused(LeadPactError):
    """The CRM answered and said no: credentials, permission, quota, or nothing usable there."""

    exit_code = REFUSED


class SourceUnreachable(LeadPactError):
    """The CRM or folder could not be reached, or the link died."""

    exit_code = REFUSED


class Busy(LeadPactError):
    """Another process holds the writer's lock of this mirror."""

    exit_code = REFUSED


__all__ = ["BadMapping", "Busy", "LeadPactError", "Misconfigured", "NoMirror", "SourceRefused", "SourceUnreachable"]
