"""What one Making takes, and how a person reads it before it is sent.

Not here: working it out and sending it (metadata_making.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from connectors.salesforce.metadata import Component, Metadata
from connectors.salesforce.metadata_fields import WRITER, Grant
from connectors.salesforce.metadata_values import Offer, ValueSet


@dataclass
class Step:
    """One Making worked out: what is sent in which order, and the state it was worked out from.

    `sends` holds operation and component; `offers` and `grants` follow, and may fail without undoing them.
    assigns: LeadPact's own user gets the set by which it writes, unless it sees the field already.
    """

    message: str
    state: str
    name: str
    params: dict[str, Any] = field(default_factory=dict)
    sends: list[tuple[str, Component]] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    exists: bool = False
    assigns: bool = False
    lists: ValueSet | None = None

    def preview(self, metadata: Metadata) -> str:
        """What would be sent: the field or list whole; of what else is sent back as it was, what it gets."""
        shown = [metadata.shown(*one) for one in self.sends]
        lines = [
            f"<{one.kind} fullName={quoteattr(one.name)} picklist={quoteattr(self.name)}>"
            f"{escape(', '.join(one.values))}</{one.kind}>"
            for one in self.offers
        ]
        lines += [
            f'<PermissionSet fullName="{one.name}" field="{one.field}" readable="true" '
            f'editable="{str(one.editable).lower()}"/>'
            for one in self.grants
        ]
        if self.assigns:
            lines.append(f'<PermissionSetAssignment permissionSet="{WRITER}"/> <!-- LeadPact\'s own user -->')
        return "\n\n".join([*shown, *(["\n".join(lines)] if lines else [])])
