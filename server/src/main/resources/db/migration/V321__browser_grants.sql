-- How often DevTools of a sandbox's browser were granted; from the first time on their port is private.
create table browser_epochs (
  sandbox_id text primary key references sandboxes on delete cascade,
  org text not null,
  epoch bigint not null
);
select atoll_protect('browser_epochs');
