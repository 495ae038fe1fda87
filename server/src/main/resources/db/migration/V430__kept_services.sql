-- The services that a sandbox had when a snapshot of it was taken, sealed as a whole.
create table kept_services (
  snapshot_id text primary key references snapshots on delete cascade,
  org text not null,
  services bytea not null
);
select atoll_protect('kept_services');

-- Services start in the order in which they were made.
alter table sandbox_services add column position int not null default 0;
update sandbox_services s set position = n.place
from (select id, row_number() over (partition by sandbox_id order by created_at, id) as place
  from sandbox_services) n
where n.id = s.id;

-- Whether the app of the template is started whenever the machine of the sandbox is a new one.
alter table sandboxes add column auto_start boolean not null default false;
