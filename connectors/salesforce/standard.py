"""The built-in mapping: the standard objects and fields, so that a connection works at once.

A confirmed mapping is laid over it, entry by entry. Fields listed one after the other are
alternatives: the first that this org has.

Not here: laying a mapping over it (plan.py), what is worked out from several fields (records.py …).
"""

from __future__ import annotations

from collections.abc import Mapping

LEADS: Mapping[str, tuple[str, ...]] = {
    "record_id": ("Id",),
    "name": ("Name",),
    "status": ("Status",),
    "created_at": ("CreatedDate",),
    "owner_id": ("OwnerId",),
    "source": ("LeadSource",),
    "company": ("Company",),
    "email": ("Email",),
    "phone": ("Phone",),
    "country": ("CountryCode", "Country"),
    "record_type": ("RecordTypeId",),
    "converted_at": ("ConvertedDate",),
    "converted_to": ("ConvertedContactId",),
    "merged_into": ("MasterRecordId",),
}
CONTACTS: Mapping[str, tuple[str, ...]] = {
    "record_id": ("Id",),
    "name": ("Name",),
    "created_at": ("CreatedDate",),
    "owner_id": ("OwnerId",),
    "source": ("LeadSource",),
    "company": ("Account.Name",),
    "email": ("Email",),
    "phone": ("Phone",),
    "country": ("MailingCountryCode", "MailingCountry"),
    "record_type": ("RecordTypeId",),
    "merged_into": ("MasterRecordId",),
}
TASKS: Mapping[str, tuple[str, ...]] = {
    "activity_id": ("Id",),
    "record_id": ("WhoId",),
    "kind": ("Type",),
    "direction": ("CallType",),
    "at": ("CompletedDateTime",),
    "completed": ("IsClosed",),
    "outcome": ("CallDisposition",),
    "actor_id": ("OwnerId",),
}
EVENTS: Mapping[str, tuple[str, ...]] = {
    "activity_id": ("Id",),
    "record_id": ("WhoId",),
    "kind": ("Type",),
    "at": ("StartDateTime",),
    "actor_id": ("OwnerId",),
}
OPPORTUNITIES: Mapping[str, tuple[str, ...]] = {
    "opportunity_id": ("Id",),
    "type": ("Type",),
    "pipeline": ("RecordTypeId",),
    "amount": ("Amount",),
    "currency": ("CurrencyIsoCode",),
    "created_at": ("CreatedDate",),
    "closed_at": ("CloseDate",),
    "is_won": ("IsWon",),
    "is_closed": ("IsClosed",),
    "owner_id": ("OwnerId",),
}
USERS: Mapping[str, tuple[str, ...]] = {
    "owner_id": ("Id",),
    "name": ("Name",),
    "is_active": ("IsActive",),
    "timezone": ("TimeZoneSidKey",),
    "manager_id": ("ManagerId",),
}
MEMBERS: Mapping[str, tuple[str, ...]] = {
    "record_id": ("LeadId",),
    "campaign": ("CampaignId",),
    "response": ("Status",),
    "at": ("FirstRespondedDate",),
}

# object -> (target of the mapping, its fields)
STANDARD: Mapping[str, tuple[str, Mapping[str, tuple[str, ...]]]] = {
    "Lead": ("leads", LEADS),
    "Contact": ("contacts", CONTACTS),
    "Task": ("activities", TASKS),
    "Event": ("activities", EVENTS),
    "Opportunity": ("opportunities", OPPORTUNITIES),
    "User": ("owners", USERS),
    "CampaignMember": ("campaign_touches", MEMBERS),
}
# not every org has these: their absence is no loss worth telling
OPTIONAL = frozenset(
    {"CountryCode", "MailingCountryCode", "CurrencyIsoCode", "RecordTypeId", "CompletedDateTime", "CallType",
     "CallDisposition", "ManagerId", "Account.Name"}
)  # fmt: skip
# read beside the mapped fields where the object has them: what other columns are worked out from
BESIDE: Mapping[str, tuple[str, ...]] = {
    "Lead": ("SystemModstamp", "IsDeleted", "IsConverted", "ConvertedOpportunityId"),
    "Contact": ("SystemModstamp", "IsDeleted"),
    "Task": ("IsDeleted", "TaskSubtype", "Status", "ActivityDate", "CreatedDate"),
    "Event": ("IsDeleted", "EventSubtype", "IsAllDayEvent", "ActivityDate", "CreatedDate"),
    "Opportunity": ("IsDeleted", "LastStageChangeDate"),
    "User": (),
    "CampaignMember": ("IsDeleted", "ContactId", "CreatedDate"),
}
HISTORIES: Mapping[str, str] = {"Lead": "LeadHistory", "Contact": "ContactHistory"}
# read beside an object, for names, queues, roles and flags
HELPERS: Mapping[str, tuple[str, ...]] = {
    "Lead": ("LeadStatus",),
    "Contact": ("Account",),
    "User": ("Group",),
    "CampaignMember": ("Campaign",),
    "Opportunity": ("OpportunityContactRole",),
}
# what a history row calls a field that is not called by its own name
IN_HISTORY: Mapping[str, str] = {"OwnerId": "Owner", "RecordTypeId": "RecordType"}
# columns whose history is kept: the others are nobody's question, or personal
KEPT = ("status", "owner_id", "source", "campaign", "country", "preferred_channel", "record_type", "end_reason")
