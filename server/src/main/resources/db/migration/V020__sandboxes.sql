-- No foreign keys to the organization, workspace and project: each create would lock their rows, and
-- one row that every create of an organization locks is where throughput ends.
create table sandboxes (
  id text primary key,
  org text not null,
  slug text not null,
  name text not null,
  state text not null,
  -- Rises with every change; orders what the event feed and the gateways hear.
  version bigint not null default 1,
  template_id text not null,
  size text,
  cpu_count int not null,
  memory_mb int not null,
  disk_size_mb int not null,
  workspace_id text not null,
  project_id text not null,
  owner_id text not null,
  external_workspace_id text,
  external_user_id text,
  external_project_id text,
  persistent boolean not null,
  always_on boolean not null,
  timeout_sec int not null,
  idle_timeout_sec int not null,
  expires_at timestamptz,
  metadata jsonb not null default '{}',
  tags text[] not null default '{}',
  -- Sealed with the organization's data key.
  env bytea,
  source_sandbox_id text,
  error_reason text,
  boot_path text,
  boot_ms int,
  -- Where the gateways found it last; the node is the truth.
  address text,
  incarnation bigint not null default 0,
  runtime_ms bigint not null default 0,
  running_since timestamptz,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ready_at timestamptz,
  destroyed_at timestamptz,
  last_activity_at timestamptz
);
-- A slug is free again once its sandbox is destroyed.
create unique index sandboxes_slug on sandboxes (slug) where state <> 'destroyed';
create index sandboxes_org on sandboxes (org, id desc);
create index sandboxes_name on sandboxes (org, name) where state <> 'destroyed';
create index sandboxes_live on sandboxes (state) where state <> 'destroyed';
create index sandboxes_external on sandboxes (org, external_user_id) where external_user_id is not null;
select atoll_protect('sandboxes');
