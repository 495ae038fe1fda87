-- Images in the archive that a deleted snapshot stood on: one goes a day later unless others stand on it by then.
create table unused_images (
  digest text primary key,
  since timestamptz not null default now()
);
alter table unused_images enable row level security;
create policy system on unused_images to atoll_system using (true) with check (true);
grant select, insert, update, delete on unused_images to atoll_system;
