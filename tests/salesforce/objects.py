"""The objects of the loopback org, with the fields the real ones have (and those they lack).

`LeadHistory` has no `SystemModstamp`, `User` no `IsDeleted`, `Contact` no `Status`: a query that
asks for them is refused here as there.

Not here: what a field is (schema.py), rows (org.py, company.py).
"""

from __future__ import annotations

from tests.salesforce.fields import address, fixed, history, owned, picks, ref, sobject, system, texts
from tests.salesforce.schema import Field, Pick, SObject

STATUSES = (
    Pick("New", default=True),
    Pick("Working"),
    Pick("MQL", "Marketing qualified"),
    Pick("SQL", "Sales qualified"),
    Pick("Converted"),
    Pick("Left voicemail", active=False),
)
CONTACT_STATUSES = (Pick("Prospect", default=True), Pick("Customer"), Pick("Former customer"))


def activity() -> list[Field]:
    return [
        *system(),
        ref("WhoId", "Contact", "Lead"),
        ref("WhatId", "Account", "Opportunity", "Campaign"),
        owned("User", "Group"),
        Field("Subject", "combobox"),
        Field("Type", "picklist", picks=picks("Call", "Email", "Meeting", "Other")),
        Field("Description", "textarea", length=32_000, filterable=False),
        Field("ActivityDate", "date"),
        fixed("IsArchived", "boolean"),
    ]


def person() -> list[Field]:
    return [
        *system(),
        owned("User", "Group"),
        fixed("Name"),
        *texts("FirstName", "LastName", "Title"),
        Field("Email", "email"),
        Field("Phone", "phone"),
        Field("MobilePhone", "phone"),
        ref("RecordTypeId", "RecordType"),
        ref("MasterRecordId", "Lead", writable=False),
        Field("LeadSource", "picklist", picks=picks("Web", "Event", "Purchased list", "Partner")),
        Field("Description", "textarea", length=32_000, filterable=False),
        Field("HasOptedOutOfEmail", "boolean"),
        Field("LastActivityDate", "date", writable=False),
    ]


def lead() -> SObject:
    fields = [
        *person(),
        *address(),
        *texts("Company"),
        Field("Status", "picklist", label="Lead Status", picks=STATUSES, required=True),
        Field("Industry", "picklist", picks=picks("Banking", "Retail", "Energy")),
        Field("Rating", "picklist", picks=picks("Hot", "Warm", "Cold")),
        fixed("IsConverted", "boolean"),
        fixed("ConvertedDate", "date"),
        ref("ConvertedContactId", "Contact", writable=False),
        ref("ConvertedAccountId", "Account", writable=False),
        ref("ConvertedOpportunityId", "Opportunity", writable=False),
        Field("MQL_Date__c", "date", label="MQL date"),
        Field("SQL_Date__c", "datetime", label="SQL date"),
        Field("Budget__c", "currency"),
        Field(
            "Employees_Band__c", "picklist", label="Employees", picks=picks("1-50", "51-500", "501+"), restricted=True
        ),
        Field("Interests__c", "multipicklist", picks=picks("Pricing", "Support", "Roadmap")),
        Field("Lost_Reason__c", "picklist", label="Lost reason", picks=picks("Price", "Timing", "No reply")),
        Field("Newsletter__c", "boolean"),
        Field("Notes__c", "textarea", length=32_768, filterable=False),
        Field("Age_Days__c", "double", label="Age in days", formula="TODAY() - DATEVALUE(CreatedDate)"),
    ]
    made = sobject("Lead", "00Q", fields, tracked=("Status", "OwnerId", "Rating"), record_types=True)
    return made


def contact() -> SObject:
    fields = [
        *person(),
        *(Field(f"Mailing{one.name}") for one in address()[:-1]),
        fixed("MailingAddress", "address", filterable=False),
        ref("AccountId", "Account"),
        ref("ReportsToId", "Contact", relation="ReportsTo"),
        Field("Contact_Status__c", "picklist", label="Contact status", picks=CONTACT_STATUSES, restricted=True),
        Field("Customer_Since__c", "date", label="Customer since"),
    ]
    made = sobject("Contact", "003", fields, tracked=("Contact_Status__c", "OwnerId"), record_types=True)
    made.change("MasterRecordId", to=("Contact",))
    made.change("OwnerId", to=("User",))
    return made


def opportunity() -> SObject:
    stages = ("Prospecting", "Proposal", "Closed Won", "Closed Lost")
    fields = [
        *system(),
        owned("User"),
        *texts("Name"),
        ref("AccountId", "Account"),
        ref("CampaignId", "Campaign"),
        ref("ContactId", "Contact", writable=False),
        ref("RecordTypeId", "RecordType"),
        Field("StageName", "picklist", label="Stage", picks=picks(*stages), required=True),
        Field("Type", "picklist", picks=picks("New business", "Renewal")),
        Field("LeadSource", "picklist", picks=picks("Web", "Event")),
        Field("Amount", "currency"),
        Field("Probability", "percent"),
        Field("CloseDate", "date", required=True),
        fixed("IsClosed", "boolean"),
        fixed("IsWon", "boolean"),
        fixed("LastStageChangeDate", "datetime"),
        Field("NextStep"),
        Field("Pipeline__c", "picklist", picks=picks("Direct", "Channel")),
    ]
    return sobject("Opportunity", "006", fields, record_types=True)


def all_objects() -> dict[str, SObject]:
    """A fresh set: tests change definitions."""
    task = [
        *activity(),
        Field("Status", "picklist", picks=picks("Not Started", "Completed"), required=True),
        Field("Priority", "picklist", picks=picks("Normal", "High"), required=True),
        fixed("IsClosed", "boolean"),
        Field("TaskSubtype", "picklist", picks=picks("Task", "Email", "Call", "ListEmail", "Cadence")),
        Field("CallType", "picklist", picks=picks("Inbound", "Outbound", "Internal")),
        *texts("CallDisposition"),
        Field("CallDurationInSeconds", "int"),
        fixed("CompletedDateTime", "datetime"),
    ]
    event = [
        *activity(),
        Field("ActivityDateTime", "datetime"),
        Field("StartDateTime", "datetime"),
        Field("EndDateTime", "datetime"),
        Field("DurationInMinutes", "int"),
        Field("IsAllDayEvent", "boolean"),
        fixed("IsChild", "boolean"),
        fixed("EventSubtype", "picklist"),
    ]
    user = [
        *system(deleted=False), fixed("Name"), *texts("FirstName", "LastName", "Username", "Department", "Title"),
        Field("Email", "email"), Field("IsActive", "boolean"), fixed("UserType", "picklist"),
        Field("TimeZoneSidKey", "picklist", required=True), ref("UserRoleId", "UserRole"),
        ref("ProfileId", "Profile"), ref("ManagerId", "User"),
    ]  # fmt: skip
    member = [
        *system(), ref("CampaignId", "Campaign"), ref("LeadId", "Lead"), ref("ContactId", "Contact"),
        fixed("LeadOrContactId", "reference", to=("Lead", "Contact")),
        Field("Status", "picklist", picks=picks("Sent", "Responded", "Attended")),
        fixed("HasResponded", "boolean"), fixed("FirstRespondedDate", "date"), fixed("Type", "picklist"),
    ]  # fmt: skip
    role = [
        *system(), ref("OpportunityId", "Opportunity"), ref("ContactId", "Contact"),
        Field("Role", "picklist", picks=picks("Decision Maker", "Evaluator")), Field("IsPrimary", "boolean"),
    ]  # fmt: skip
    status = [
        *system(deleted=False), *texts("MasterLabel", "ApiName"), Field("SortOrder", "int"),
        Field("IsConverted", "boolean"), Field("IsDefault", "boolean"),
    ]  # fmt: skip
    group = [
        *system(deleted=False),
        *texts("Name", "DeveloperName"),
        Field("Type", "picklist"),
        Field("Email", "email"),
    ]
    queue = [*system(deleted=False), ref("QueueId", "Group"), Field("SobjectType", "picklist")]
    record_type = [
        *system(deleted=False), *texts("Name", "DeveloperName", "Description"), Field("SobjectType", "picklist"),
        Field("IsActive", "boolean"),
    ]  # fmt: skip
    organization = [
        *system(deleted=False), *texts("Name", "InstanceName"), fixed("OrganizationType", "picklist"),
        fixed("IsSandbox", "boolean"), Field("TimeZoneSidKey", "picklist"), *texts("LanguageLocaleKey"),
        fixed("TrialExpirationDate", "datetime"),
    ]  # fmt: skip
    account = [*system(), owned("User"), *texts("Name"), Field("Industry", "picklist"), Field("Website", "url")]
    campaign = [
        *system(), owned("User"), *texts("Name"), Field("Type", "picklist"), Field("Status", "picklist"),
        Field("StartDate", "date"), Field("IsActive", "boolean"),
    ]  # fmt: skip
    named = [*system(deleted=False), *texts("Name", "DeveloperName")]
    profile = [*system(deleted=False), *texts("Name")]
    made = [
        lead(), contact(), opportunity(), history("LeadHistory", "017", "Lead"),
        history("ContactHistory", "017", "Contact"), sobject("Task", "00T", task), sobject("Event", "00U", event),
        sobject("User", "005", user), sobject("CampaignMember", "00v", member), sobject("Account", "001", account),
        sobject("OpportunityContactRole", "00K", role), sobject("Campaign", "701", campaign),
        sobject("LeadStatus", "01J", status, bulk=False, deletable=False), sobject("Group", "00G", group),
        sobject("QueueSobject", "03g", queue), sobject("RecordType", "012", record_type),
        sobject("Organization", "00D", organization, deletable=False), sobject("UserRole", "00E", named),
        sobject("Profile", "00e", profile),
    ]  # fmt: skip
    return {one.name: one for one in made}


# what a polymorphic reference (Owner, Who) may be asked for: the fields of `Name`
NAME_FIELDS = (
    "Id", "Name", "Type", "FirstName", "LastName", "Email", "Phone", "Title", "IsActive", "Username", "Alias",
    "RecordTypeId", "UserRoleId", "ProfileId",
)  # fmt: skip
