-- Roles. The server logs in as the owner and takes one of these two in every transaction.
do $$
begin
  if not exists (select from pg_roles where rolname = 'atoll_app') then
    create role atoll_app nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'atoll_system') then
    create role atoll_system nologin;
  end if;
  execute format('grant atoll_app, atoll_system to %I', current_user);
end
$$;

grant usage on schema public to atoll_app, atoll_system;

-- Every table of tenants is protected by this: a transaction of an organization sees its rows only;
-- one of the system sees all. A key that acts for an external user is confined to that user's rows, unless
-- the table is told not to.
create function atoll_protect(name regclass, confine boolean default true) returns void language plpgsql as $$
declare
  condition text := 'org = current_setting(''atoll.org'', true)';
begin
  if confine and exists (select from pg_attribute where attrelid = name and attname = 'external_user_id') then
    condition := condition || ' and (coalesce(current_setting(''atoll.external_user'', true), '''') = '''''
      || ' or external_user_id = current_setting(''atoll.external_user'', true))';
  end if;
  execute format('alter table %s enable row level security', name);
  execute format('create policy tenant on %s to atoll_app using (%s) with check (%s)', name, condition, condition);
  execute format('create policy system on %s to atoll_system using (true) with check (true)', name);
  execute format('grant select, insert, update, delete on %s to atoll_app, atoll_system', name);
end
$$;

create table organizations (
  org text primary key,
  name text not null,
  slug text not null unique,
  plan text not null default 'scale',
  status text not null default 'active',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
select atoll_protect('organizations');

create table workspaces (
  id text primary key,
  org text not null references organizations,
  name text not null,
  slug text not null,
  description text,
  metadata jsonb not null default '{}',
  external_workspace_id text,
  external_user_id text,
  is_default boolean not null default false,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (org, slug)
);
create unique index workspaces_default on workspaces (org) where is_default;
create index workspaces_name on workspaces (org, name);
select atoll_protect('workspaces', false);

create table projects (
  id text primary key,
  org text not null references organizations,
  workspace_id text not null references workspaces on delete cascade,
  name text not null,
  slug text not null,
  metadata jsonb not null default '{}',
  external_project_id text,
  is_default boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (workspace_id, slug)
);
create index projects_org on projects (org, id);
select atoll_protect('projects');

create table api_keys (
  id text primary key,
  org text not null references organizations,
  name text not null,
  hash bytea not null unique,
  prefix text not null,
  role text not null,
  purpose text not null default 'api',
  scopes text[],
  -- 0: not limited; only the launcher makes such keys
  rate_limit_rpm int not null default 60,
  status text not null default 'active',
  external_user_id text,
  metadata jsonb not null default '{}',
  version bigint not null default 1,
  expires_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index api_keys_org on api_keys (org, id);
select atoll_protect('api_keys');

create table key_presets (
  org text not null references organizations,
  name text not null,
  scopes text[] not null,
  description text,
  created_at timestamptz not null default now(),
  primary key (org, name)
);
select atoll_protect('key_presets');

create table tickets (
  hash bytea primary key,
  org text not null references organizations,
  key_id text not null references api_keys on delete cascade,
  expires_at timestamptz not null
);
create index tickets_expiry on tickets (expires_at);
select atoll_protect('tickets');

-- One data key per organization, wrapped by the master key of the installation.
create table data_keys (
  id text primary key,
  org text not null references organizations,
  wrapped bytea not null,
  created_at timestamptz not null default now()
);
create index data_keys_org on data_keys (org, created_at);
select atoll_protect('data_keys');

create table idempotency (
  org text not null references organizations,
  method text not null,
  path text not null,
  key text not null,
  principal text not null,
  fingerprint bytea not null,
  status int not null,
  answer bytea not null,
  resource text,
  created_at timestamptz not null default now(),
  primary key (org, method, path, key)
);
create index idempotency_age on idempotency (created_at);
create index idempotency_resource on idempotency (org, resource);
select atoll_protect('idempotency');

-- The event log. A row's place is (epoch, xid, seq); it is read up to the oldest transaction that still
-- runs, so a reader that asks for what follows its cursor misses nothing of a slower transaction.
create table event_epoch (
  one boolean primary key default true check (one),
  epoch int not null default 1,
  cluster bigint not null
);
insert into event_epoch (cluster) select system_identifier from pg_control_system();
grant select on event_epoch to atoll_app, atoll_system;

create table events (
  epoch int not null,
  xid xid8 not null default pg_current_xact_id(),
  seq bigint not null generated always as identity,
  org text not null references organizations,
  type text not null,
  resource_type text not null,
  resource_id text not null,
  version bigint not null,
  workspace_id text,
  project_id text,
  external_workspace_id text,
  external_user_id text,
  external_project_id text,
  data jsonb not null,
  at timestamptz not null default now(),
  primary key (epoch, xid, seq)
);
create index events_org on events (org, epoch, xid, seq);
create index events_resource on events (org, resource_id, epoch, xid, seq);
select atoll_protect('events');
