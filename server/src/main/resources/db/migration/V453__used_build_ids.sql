-- Ids of builds that callers may have made themselves. One is never given twice, also when its row is gone with its
-- template: images, and what stands on them, are known by it for longer. Ids are refused a day after they were made.
create table used_build_ids (
  id text primary key,
  org text not null,
  used_at timestamptz not null default now()
);
create index used_build_ids_org on used_build_ids (org, used_at);
select atoll_protect('used_build_ids');
insert into used_build_ids (id, org, used_at) select id, org, created_at from sandbox_template_builds;
