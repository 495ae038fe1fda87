-- What an organization lets its credentials do: an action's name, a prefix with a star, or the star alone.
create table action_policies (
  org text not null references organizations,
  action text not null,
  decision text not null check (decision in ('allow', 'approval', 'deny')),
  -- the roles of credentials that it binds
  roles text[] not null,
  reason text,
  updated_at timestamptz not null default now(),
  primary key (org, action)
);
select atoll_protect('action_policies');

create table action_grants (
  id text primary key,
  org text not null references organizations,
  capability text not null,
  principal_type text not null,
  principal_id text not null,
  workspace_id text,
  max_uses int,
  uses int not null default 0,
  params_fingerprint text,
  surfaces text[],
  granted_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz
);
create index action_grants_org on action_grants (org, id desc);
select atoll_protect('action_grants', false);

create table action_approvals (
  id text primary key,
  org text not null references organizations,
  capability text not null,
  principal_type text not null,
  principal_id text not null,
  external_user_id text,
  workspace_id text,
  request_fingerprint text not null,
  params_fingerprint text not null,
  surface text not null,
  -- what is asked for, in words that a person can judge
  request jsonb not null,
  run_id text,
  agent_definition_id text,
  status text not null default 'pending',
  reason text,
  decided_by text,
  created_at timestamptz not null default now(),
  decided_at timestamptz,
  -- of the question while it is pending, of the permission once it is approved
  expires_at timestamptz not null,
  used_at timestamptz
);
create index action_approvals_org on action_approvals (org, id desc);
create index action_approvals_open on action_approvals (org, principal_id, capability)
  where status in ('pending', 'approved');
select atoll_protect('action_approvals');

create table action_receipts (
  id text primary key,
  org text not null references organizations,
  capability text not null,
  decision text not null,
  reason text,
  principal_type text not null,
  principal_id text not null,
  external_user_id text,
  workspace_id text,
  surface text not null,
  request_fingerprint text not null,
  params_fingerprint text not null,
  approval_id text,
  grant_id text,
  request_id text,
  created_at timestamptz not null default now()
);
create index action_receipts_org on action_receipts (org, id desc);
create index action_receipts_age on action_receipts (created_at);
select atoll_protect('action_receipts');
