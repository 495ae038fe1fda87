-- Nobody starts them again, and their command lines and environments may hold secrets.
delete from sandbox_services using sandboxes
where sandboxes.id = sandbox_services.sandbox_id and sandboxes.state = 'destroyed';
