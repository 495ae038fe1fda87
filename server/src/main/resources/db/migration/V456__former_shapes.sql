-- The shapes that a sandbox had before it was resized, and how long it had run in all when each of them ended.
create table sandbox_former_shapes (
  sandbox_id text not null references sandboxes on delete cascade,
  org text not null,
  until_runtime_ms bigint not null,
  cpu_count int not null,
  memory_mb int not null,
  disk_size_mb int not null
);
create index sandbox_former_shapes_of on sandbox_former_shapes (sandbox_id, until_runtime_ms);
select atoll_protect('sandbox_former_shapes');
