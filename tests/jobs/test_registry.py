import inspect
from importlib import import_module
from pkgutil import iter_modules

import crowd.jobs
from crowd.jobs.registry import kinds


def test_every_kind_of_job_has_a_name_of_its_own_and_a_run_that_takes_the_work():
    modules = [import_module(f"crowd.jobs.{found.name}") for found in iter_modules(crowd.jobs.__path__)]
    named = [module for module in modules if hasattr(module, "KIND")]
    assert {module.KIND: module.run for module in named} == kinds()
    for module in named:
        assert isinstance(module.KIND, str)
        assert list(inspect.signature(module.run).parameters) == ["work"]
        assert module.__doc__
