-- Servers of the Model Context Protocol that agents of a workspace may call.
create table tool_servers (
  id text primary key,
  org text not null references organizations,
  workspace_id text not null references workspaces on delete cascade,
  name text not null,
  transport text not null check (transport in ('streamable_http', 'sse', 'stdio')),
  url text,
  command text,
  args text[] not null default '{}',
  headers_template jsonb not null default '{}',
  auth jsonb not null default '{}',
  tools text[],
  metadata jsonb not null default '{}',
  -- Sealed, as JSON of names and values; their names are open.
  secrets bytea not null,
  secret_names text[] not null default '{}',
  -- Header or variable to the name of its secret.
  secret_headers jsonb not null default '{}',
  secret_env jsonb not null default '{}',
  catalog_slug text,
  status text not null default 'untested' check (status in ('untested', 'ready', 'error')),
  last_error text,
  last_tested_at timestamptz,
  -- What its last good test found, as JSON.
  found jsonb,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (workspace_id, name)
);
create index tool_servers_org on tool_servers (org, id desc);
select atoll_protect('tool_servers');
