-- A key that reaches one workspace only ends with it.
create index api_keys_workspace on api_keys (workspace_id) where workspace_id is not null;
