"""The component's edge: the contract's exports, each one call into a plugin's core.

A plugin has a module with a class for each interface that it exports, which componentize-py finds by their names:

    import acme
    from orchestrator_plugin.component.task import Task as Edge

    class Task(Edge):
        plugin = acme

Importable in a component only.
"""
