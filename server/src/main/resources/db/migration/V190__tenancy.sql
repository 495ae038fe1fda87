-- The test twin of an organization: the same API on rows that row-level security keeps apart.
alter table organizations
  add column test_of text references organizations,
  add column version bigint not null default 1,
  add column metadata jsonb not null default '{}',
  -- Requests in a minute; null for the usual ones. Written with the policy that sets them.
  add column workspace_rpm int,
  add column group_rpm int;
create unique index organizations_test on organizations (test_of) where test_of is not null;

alter table workspaces add column requests_per_minute int;

-- Accounts belong to people, not to an organization: no request of an organization reads them.
create table accounts (
  id text primary key,
  email text not null unique,
  name text not null default '',
  avatar_url text,
  -- Argon2id, in the usual text form with its parameters.
  password text not null,
  totp_secret bytea,
  totp_since timestamptz,
  -- The last step of time whose code was used: a code works once.
  totp_step bigint not null default 0,
  recovery_codes text[] not null default '{}',
  preferences jsonb not null default '{}',
  failures int not null default 0,
  locked_until timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table accounts enable row level security;
create policy system on accounts to atoll_system using (true) with check (true);
grant select, insert, update, delete on accounts to atoll_system;

create table members (
  org text not null references organizations,
  user_id text not null references accounts,
  email text not null,
  name text not null default '',
  avatar_url text,
  role text not null,
  added_by text,
  usage_cap_cents bigint,
  max_concurrent_sandboxes int,
  version bigint not null default 1,
  joined_at timestamptz not null default now(),
  primary key (org, user_id)
);
create index members_user on members (user_id);
select atoll_protect('members');

create table workspace_members (
  org text not null,
  workspace_id text not null references workspaces on delete cascade,
  user_id text not null,
  role text not null,
  added_by text,
  joined_at timestamptz not null default now(),
  primary key (workspace_id, user_id),
  foreign key (org, user_id) references members on delete cascade
);
select atoll_protect('workspace_members');

create table invites (
  id text primary key,
  org text not null references organizations,
  workspace_id text references workspaces on delete cascade,
  email text not null,
  role text not null,
  hash bytea not null unique,
  invited_by text,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz
);
create index invites_org on invites (org, id desc);
select atoll_protect('invites');

-- Policies of an organization (subject ''), of its workspaces and of its customers' users.
create table policies (
  org text not null references organizations,
  tier text not null check (tier in ('tenant', 'workspace', 'user')),
  subject text not null,
  document jsonb not null,
  updated_at timestamptz not null default now(),
  primary key (org, tier, subject)
);
select atoll_protect('policies');

create table organization_settings (
  org text primary key references organizations,
  settings jsonb not null default '{}',
  branding jsonb,
  branding_at timestamptz,
  preview_domain text,
  preview_token text,
  preview_verified_at timestamptz,
  updated_at timestamptz not null default now()
);
select atoll_protect('organization_settings');
create unique index organization_settings_domain on organization_settings (preview_domain)
  where preview_verified_at is not null;

create table service_accounts (
  id text primary key,
  org text not null references organizations,
  name text not null,
  description text,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index service_accounts_org on service_accounts (org, id desc);
select atoll_protect('service_accounts');

alter table api_keys
  -- 'key', or 'session' for the login of a person
  add column kind text not null default 'key',
  -- acts in the test twin of its organization
  add column test boolean not null default false,
  -- whoever made it: the key can never do more than that person may at the time
  add column user_id text references accounts on delete cascade,
  add column service_account_id text references service_accounts on delete cascade,
  add column workspace_id text references workspaces on delete cascade,
  add column allowed_ips text[],
  -- the secret before the last rotation, while both work
  add column previous_hash bytea unique,
  add column previous_until timestamptz;
create index api_keys_user on api_keys (user_id) where user_id is not null;
create index api_keys_service on api_keys (service_account_id) where service_account_id is not null;

alter table projects
  add column description text,
  add column external_workspace_id text,
  add column external_user_id text,
  add column version bigint not null default 1;

create table project_environments (
  id text primary key,
  org text not null references organizations,
  project_id text not null references projects on delete cascade,
  name text not null,
  slug text not null,
  kind text not null,
  is_default boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, slug)
);
select atoll_protect('project_environments');

create table project_variables (
  org text not null references organizations,
  project_id text not null references projects on delete cascade,
  environment_id text not null references project_environments on delete cascade,
  name text not null,
  -- Sealed with the organization's data key.
  value bytea not null,
  updated_at timestamptz not null default now(),
  primary key (environment_id, name)
);
select atoll_protect('project_variables');

create table computer_templates (
  id text primary key,
  org text not null references organizations,
  workspace_id text not null references workspaces on delete cascade,
  name text not null,
  template_type text,
  size text,
  selected_apps text[] not null default '{}',
  settings jsonb not null default '{}',
  created_at timestamptz not null default now(),
  unique (workspace_id, name)
);
select atoll_protect('computer_templates');

-- Budgets of requests, of which each API process takes a slice. What a crash of the database forgets
-- of them is less than a minute old.
create unlogged table rate_windows (
  org text not null,
  name text not null,
  started timestamptz not null,
  used int not null,
  granted int not null,
  primary key (org, name)
) with (fillfactor = 50);
select atoll_protect('rate_windows');
