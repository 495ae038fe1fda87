-- A workspace is found by the id that its customer has for it.
create index workspaces_external on workspaces (org, external_workspace_id) where external_workspace_id is not null;
