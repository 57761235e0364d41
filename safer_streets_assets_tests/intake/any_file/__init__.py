"""Any file that is put into the landing folder, through the ledger: one file of cases a subject."""
