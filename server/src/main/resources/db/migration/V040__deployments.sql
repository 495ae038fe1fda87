create table deployments (
  id text primary key,
  org text not null references organizations,
  workspace_id text not null,
  project_id text not null,
  owner_id text not null,
  external_workspace_id text,
  external_user_id text,
  external_project_id text,
  name text not null,
  slug text not null,
  source_type text not null,
  repo_url text,
  branch text,
  build_command text,
  run_command text,
  state text not null,
  auto_deploy boolean not null,
  metadata jsonb not null default '{}',
  -- Sealed with the organization's data key.
  webhook_secret bytea not null,
  active_version_id text,
  -- Rises with every change; orders what the event feed and the gateways hear.
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Set at once by a delete; the row goes when nothing of it is left on a machine.
  deleted_at timestamptz
);
create unique index deployments_slug on deployments (org, slug) where deleted_at is null;
create index deployments_org on deployments (org, id desc) where deleted_at is null;
create index deployments_deleted on deployments (deleted_at) where deleted_at is not null;
select atoll_protect('deployments');

-- A version, its build and its release are one row: they are made together and never change apart.
create table deployment_versions (
  id text primary key,
  org text not null references organizations,
  deployment_id text not null references deployments on delete cascade,
  number int not null,
  state text not null,
  -- How far its publish has come.
  step text not null,
  source_sandbox_id text,
  created_by text not null,
  external_user_id text,
  -- The Idempotency-Key that asked for it, so that a retry after a crash finds it.
  request_key text,
  -- What was asked for; the plan below was made from it.
  input jsonb not null,
  promote boolean not null,
  kind text not null,
  folder text not null,
  entrypoint text,
  command text,
  port int,
  health_path text,
  release_id text not null,
  template_id text,
  sha256 text,
  size_bytes bigint,
  files int,
  cpu_millis int not null,
  memory_mb bigint not null,
  disk_mb bigint not null,
  build_log text not null default '',
  error_code text,
  error_message text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  ready_at timestamptz,
  promoted_at timestamptz,
  unique (deployment_id, number)
);
create index deployment_versions_list on deployment_versions (deployment_id, id desc);
create index deployment_versions_open on deployment_versions (id) where state in ('created', 'building');
create unique index deployment_versions_request on deployment_versions (org, request_key) where request_key is not null;
create index deployment_versions_source on deployment_versions (org, source_sandbox_id, id desc);
select atoll_protect('deployment_versions');

create table deployment_instances (
  id text primary key,
  org text not null references organizations,
  deployment_id text not null references deployments on delete cascade,
  version_id text not null references deployment_versions on delete cascade,
  external_user_id text,
  -- running, draining, stopped
  desired text not null,
  state text not null,
  address text not null default '',
  port int not null,
  incarnation bigint not null default 0,
  loopback_only boolean not null default false,
  restarts int not null default 0,
  reason text not null default '',
  -- When a draining instance may be stopped; null until the gateways have let go of it.
  stop_after timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  started_at timestamptz,
  stopped_at timestamptz
);
create index deployment_instances_list on deployment_instances (deployment_id, id desc);
create index deployment_instances_live on deployment_instances (id) where desired <> 'stopped';
select atoll_protect('deployment_instances');

create table deployment_env (
  org text not null references organizations,
  deployment_id text not null references deployments on delete cascade,
  environment text not null,
  key text not null,
  -- Sealed with the organization's data key.
  value bytea not null,
  preview text not null,
  updated_at timestamptz not null default now(),
  primary key (deployment_id, environment, key)
);
select atoll_protect('deployment_env');

create table custom_domains (
  id text primary key,
  org text not null references organizations,
  deployment_id text references deployments on delete cascade,
  fqdn text not null,
  redirect_policy text not null,
  status text not null,
  external_workspace_id text,
  external_user_id text,
  external_project_id text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
-- One installation, one answer for a host.
create unique index custom_domains_fqdn on custom_domains (fqdn);
create index custom_domains_org on custom_domains (org, id desc);
create index custom_domains_deployment on custom_domains (deployment_id);
select atoll_protect('custom_domains');
