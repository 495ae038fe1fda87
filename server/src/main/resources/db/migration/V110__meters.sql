-- What each sandbox has used in all. Counters begin anew when its machine does; here they go on.
create table sandbox_meters (
  sandbox_id text primary key,
  org text not null,
  cpu_micros bigint not null,
  received_bytes bigint not null,
  sent_bytes bigint not null,
  memory_mb_ms bigint not null default 0,
  -- The counters of the machine at the last look, and which machine that was.
  incarnation bigint not null,
  last_cpu_micros bigint not null,
  last_received_bytes bigint not null,
  last_sent_bytes bigint not null,
  memory_bytes bigint not null,
  disk_bytes bigint not null,
  processes int not null,
  measured_at timestamptz not null
);
select atoll_protect('sandbox_meters');

-- Rings: a slot is written again once its window has passed.
create table sandbox_samples (
  sandbox_id text not null,
  org text not null,
  step_sec int not null,
  slot int not null,
  at timestamptz not null,
  cpu_micros bigint not null,
  received_bytes bigint not null,
  sent_bytes bigint not null,
  memory_bytes bigint not null,
  disk_bytes bigint not null,
  processes int not null,
  primary key (sandbox_id, step_sec, slot)
);
create index sandbox_samples_at on sandbox_samples (at);
select atoll_protect('sandbox_samples');
