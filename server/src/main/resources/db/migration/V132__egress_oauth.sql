-- Consents that are asked for: what becomes of the tokens when the provider sends its user back.
create table egress_oauth_flows (
  -- The state that the provider carries, hashed: who reads the table cannot finish a flow.
  state_hash bytea primary key,
  org text not null references organizations,
  provider text not null,
  -- The verifier of RFC 7636, sealed.
  sealed_verifier bytea not null,
  status text not null default 'pending' check (status in ('pending', 'completed', 'failed')),
  -- Its code is being exchanged: a code counts once.
  taken boolean not null default false,
  error text,
  secret_id text,
  scope text not null,
  owner_user_id text,
  external_workspace_id text,
  external_user_id text,
  resource_type text,
  resource_id text,
  expose_as_env text,
  binding_external_user_id text,
  return_to text,
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create index egress_oauth_flows_expiry on egress_oauth_flows (expires_at);
select atoll_protect('egress_oauth_flows');
