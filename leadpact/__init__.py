"""LeadPact's domain: no Streamlit, no CRM client, no wall clock."""
