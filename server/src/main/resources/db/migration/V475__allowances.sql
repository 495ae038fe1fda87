-- What a grant allowed to who asked beforehand, where only the question told what bounds the grant: good for one deed.
create table action_allowances (
  id text primary key,
  org text not null references organizations,
  grant_id text not null references action_grants on delete cascade,
  principal_id text not null,
  capability text not null,
  expires_at timestamptz not null
);
create index action_allowances_of on action_allowances (org, principal_id, capability);
create index action_allowances_grant on action_allowances (grant_id);
create index action_allowances_end on action_allowances (expires_at);
select atoll_protect('action_allowances');
