-- When the owner last said by what a template is built: a build with another specification that was
-- asked for before does not replace that once it is ready.
alter table sandbox_templates add column specified_at timestamptz not null default now();
