"""The accountability registers: breaches, requests, reviews of the DPIA and contacts.

They hold no personal data on offenders. Contacts are roles and work addresses of staff.
"""
