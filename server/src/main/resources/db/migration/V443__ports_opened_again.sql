-- A port whose previews have all ended stays closed until it is opened again: exposing counts from when it was
-- last done.
alter table exposed_ports add column opened_at timestamptz not null default now();
update exposed_ports set opened_at = created_at;
