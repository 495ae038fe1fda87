-- Credentials for calls out. Values are sealed; a binding says which sandboxes they serve.
create table egress_secrets (
  id text primary key,
  org text not null references organizations,
  name text not null,
  type text not null,
  scope text not null,
  provider text,
  sealed bytea not null,
  sealed_refresh bytea,
  masked text not null,
  -- Where the egress proxy puts it into requests; none: nowhere.
  hosts text[] not null default '{}',
  header text,
  workspace_id text,
  owner_user_id text,
  external_workspace_id text,
  external_user_id text,
  metadata jsonb not null default '{}',
  expires_at timestamptz,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index egress_secrets_org on egress_secrets (org, id);
select atoll_protect('egress_secrets');

create table egress_bindings (
  id text primary key,
  org text not null references organizations,
  secret_id text not null references egress_secrets on delete cascade,
  resource_type text not null check (resource_type in ('organization', 'workspace', 'sandbox')),
  resource_id text,
  -- Null: it is used by the egress proxy only.
  expose_as_env text,
  external_user_id text,
  created_at timestamptz not null default now()
);
create index egress_bindings_org on egress_bindings (org, id);
create index egress_bindings_secret on egress_bindings (secret_id);
select atoll_protect('egress_bindings');
