-- Changes that machines are told of before their rows are committed. What is left here was cut off in between.
create table told_changes (
  id text primary key,
  sandbox_id text not null references sandboxes on delete cascade,
  org text not null,
  begun_at timestamptz not null default now(),
  times boolean not null,
  env_names text[] not null,
  -- The row before: a machine with the new times may have said another end since.
  version bigint not null,
  expires_at timestamptz
);
select atoll_protect('told_changes');
