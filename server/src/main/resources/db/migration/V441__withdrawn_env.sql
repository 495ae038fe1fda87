-- Variables that a sandbox has no more and whose machine may not know that yet.
create table withdrawn_env (
  sandbox_id text not null references sandboxes on delete cascade,
  org text not null,
  name text not null,
  primary key (sandbox_id, name)
);
select atoll_protect('withdrawn_env');
