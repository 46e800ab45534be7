-- The operator echoes the value in `status.lastHandledReconcileAt`.
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["humansupport.dev/reconcile-requested-at"] = os.date("!%Y-%m-%dT%XZ")
return obj
