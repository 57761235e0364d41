"""The accountability registers: breaches, requests, reviews of the DPIA and contacts.

What the unit has to keep on record, with its clocks and its export, belongs here. No personal data
on offenders does: contacts are roles and work addresses of staff. The requests of data subjects
are only recorded here; `rights` answers them.
"""
