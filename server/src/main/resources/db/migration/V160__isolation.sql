-- What stands between a sandbox and the kernel of its machine, as long as it lives.
alter table sandboxes add column isolation text not null default 'container'
  check (isolation in ('container', 'gvisor'));
