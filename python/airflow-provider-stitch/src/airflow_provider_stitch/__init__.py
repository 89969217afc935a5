"""Stitch syncs as Airflow tasks: `airflow_provider_stitch.operator.StitchSyncOperator`.

Airflow imports this package while it reads its own configuration, for `provider_info`: so nothing of Airflow is imported here.
"""
