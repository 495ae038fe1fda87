-- Who may call what on the internet. A policy or a rule is bound to a sandbox, a workspace or, without a
-- resource_id, to the organization; external_user_id is that of the sandbox it is bound to.
create table egress_policies (
  id text primary key,
  org text not null references organizations,
  name text not null,
  description text,
  mode text not null check (mode in ('enforce', 'audit_only')),
  default_effect text not null check (default_effect in ('deny', 'allow')),
  resource_type text not null check (resource_type in ('organization', 'workspace', 'sandbox')),
  resource_id text,
  external_user_id text,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index egress_policies_org on egress_policies (org, id);
select atoll_protect('egress_policies');

create table egress_rules (
  id text primary key,
  org text not null references organizations,
  -- Null: it holds for its resource whatever the policy is.
  policy_id text references egress_policies on delete cascade,
  resource_type text not null check (resource_type in ('organization', 'workspace', 'sandbox')),
  resource_id text,
  effect text not null check (effect in ('allow', 'deny')),
  host text not null,
  methods text[] not null default '{}',
  path_glob text,
  note text,
  external_user_id text,
  created_at timestamptz not null default now()
);
create index egress_rules_org on egress_rules (org, id);
create index egress_rules_policy on egress_rules (policy_id);
select atoll_protect('egress_rules');

create table egress_audit (
  id text primary key,
  org text not null references organizations,
  resource_type text not null,
  resource_id text not null,
  workspace_id text,
  action text not null,
  effect text not null,
  protocol text not null,
  host text not null,
  method text,
  path text,
  status_code int,
  reason text,
  policy_id text,
  rule_id text,
  external_workspace_id text,
  external_user_id text,
  at timestamptz not null,
  inserted_at timestamptz not null default now()
);
create index egress_audit_org on egress_audit (org, id);
create index egress_audit_resource on egress_audit (org, resource_id, id);
create index egress_audit_age on egress_audit (inserted_at);
select atoll_protect('egress_audit');
