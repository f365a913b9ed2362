"""A folder of Redshift system-view exports."""
