-- What sandboxes of a deleted template are like: its snapshots, and what is forked from them, outlive it.
create table deleted_templates (
  id text primary key,
  org text not null,
  build_spec jsonb not null,
  deleted_at timestamptz not null default now()
);
select atoll_protect('deleted_templates');
