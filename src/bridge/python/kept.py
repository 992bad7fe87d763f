"""The working sets that zc.recipe.egg keeps for a run, together with those of parts that rbuildout runs itself.

What one side has made the other does not make again: nothing is looked up, and said, twice. zc.recipe.egg: egg.py,
`Eggs._working_set`, `Eggs._get_cache_storage`.
"""
from . import sets

ATTRIBUTE = '_zc_recipe_egg_working_set_cache'
# Older versions know no `allow_unknown_extras`.
_FIELDS = (('eggs', tuple), ('eggs_directory', str), ('develop_eggs_directory', str), ('offline', bool), ('newest', bool),
           ('find_links', tuple), ('index', str), ('allow_hosts', tuple), ('allow_unknown_extras', bool))


class Kept(dict):
    """By all that was asked for."""

    def __init__(self, ask, is_plain):
        dict.__init__(self)
        self._ask = ask
        self._is_plain = is_plain

    def __contains__(self, key):
        if dict.__contains__(self, key):
            return True
        number = self._told(key)
        if number is None:
            return False
        dict.__setitem__(self, key, sets.WorkingSet(self._ask, number, of_path=True))
        return True

    def __setitem__(self, key, working_set):
        dict.__setitem__(self, key, working_set)
        number = sets.number_of(working_set)
        if number is not None:
            self._told(key, number)

    def _told(self, key, number=None):
        fields = _fields(key) if self._is_plain() else None
        return None if fields is None else self._ask('kept', request=fields, set=number).get('set')


def _fields(key):
    """None for what zc.recipe.egg would not ask for."""
    if not isinstance(key, tuple) or len(_FIELDS) - len(key) not in (0, 1):
        return None
    fields = {'allow_unknown_extras': False}
    for (name, kind), value in zip(_FIELDS, key):
        if name == 'index' and not value:
            value = None
        elif not isinstance(value, kind) or kind is tuple and not all(isinstance(each, str) for each in value):
            return None
        fields[name] = value
    return fields
