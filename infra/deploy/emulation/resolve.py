"""CloudFormation's intrinsic functions, as far as the template uses them. What is not known is an error."""

import re


class Scope:
    """What names mean while a stack is worked out."""

    def __init__(self, template, parameters, pseudo, made):
        self.conditions, self.parameters, self.pseudo, self.made = template.get("Conditions", {}), parameters, pseudo, made

    def condition(self, name):
        return self.value(self.conditions[name])

    def ref(self, name):
        if name == "AWS::NoValue":
            return None
        for names in (self.pseudo, self.parameters):
            if name in names:
                return names[name]
        return self.made[name]["id"]

    def attribute(self, name, attribute):
        made = self.made[name]
        return made["attributes"].get(attribute) or f"{made['id']}.{attribute}"

    def sub(self, text, extra):
        def one(match):
            name = match.group(1)
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in extra:
                return str(self.value(extra[name]))
            resource, _, attribute = name.partition(".")
            return str(self.attribute(resource, attribute) if attribute else self.ref(name))

        return re.sub(r"\$\{([^}]+)\}", one, text)

    def value(self, v):
        if isinstance(v, list):
            return [x for x in (self.value(i) for i in v) if x is not None]
        if not isinstance(v, dict):
            return v
        if len(v) == 1:
            (name, arg), = v.items()
            if name == "Ref":
                return self.ref(arg)
            if name == "Condition" and isinstance(arg, str):
                return self.condition(arg)
            if name.startswith("Fn::"):
                return self.call(name, arg)
        worked = {k: self.value(x) for k, x in v.items()}
        return {k: x for k, x in worked.items() if x is not None}

    def call(self, name, arg):
        if name == "Fn::GetAtt":
            return self.attribute(*(arg.split(".", 1) if isinstance(arg, str) else arg))
        if name == "Fn::Sub":
            return self.sub(arg, {}) if isinstance(arg, str) else self.sub(*arg)
        if name == "Fn::If":
            return self.value(arg[1] if self.condition(arg[0]) else arg[2])
        if name == "Fn::Equals":
            return str(self.value(arg[0])) == str(self.value(arg[1]))
        if name == "Fn::Not":
            return not self.value(arg[0])
        if name == "Fn::And":
            return all(self.value(a) for a in arg)
        if name == "Fn::Or":
            return any(self.value(a) for a in arg)
        if name == "Fn::Join":
            return arg[0].join(str(self.value(a)) for a in self.value(arg[1]))
        if name == "Fn::Split":
            return self.value(arg[1]).split(arg[0])
        if name == "Fn::Select":
            return self.value(arg[1])[int(arg[0])]
        raise ValueError(f"{name} is not understood")


def references(v):
    """The names that a value refers to, to make them first."""
    if isinstance(v, list):
        return {n for x in v for n in references(x)}
    if not isinstance(v, dict):
        return set()
    out = set()
    for key, arg in v.items():
        if key == "Ref":
            out.add(arg)
        elif key == "Fn::GetAtt":
            out.add(arg.split(".")[0] if isinstance(arg, str) else arg[0])
        elif key == "Fn::Sub":
            text = arg if isinstance(arg, str) else arg[0]
            out |= {m.split(".")[0] for m in re.findall(r"\$\{([^!}][^}]*)\}", text)}
            if not isinstance(arg, str):
                out |= references(arg[1])
        else:
            out |= references(arg)
    return out
