"""What to tell a tool that keeps the cluster as Git has it, so that it leaves alone what a release moves."""

from bot.config.catalogue import Service
from bot.messages.model import Block, Table, note, paragraph
from bot.release.meddling import PutBack, Tool

PAGE = "docs/gitops.md"
OWN = ("release", "revision", "state", "original", "baseline")
"""Our annotations on the route object, beside the label `managed`."""
OF_FLUX = (
    "In the Kustomization of Flux 2.9 or newer (before that, annotate the VirtualService in Git with "
    "kustomize.toolkit.fluxcd.io/ssa: IfNotPresent):"
)


def advice(service: Service, back: PutBack) -> tuple[Block, ...]:
    """What to add where, for exactly this object. Whose it is may be unknown: then for each tool."""
    if back.canary is None:
        text = (
            f"Git has the route without the tracks. Put them there: lockmaster adopt --print {service.name} writes what to add. "
            f"Then let the tool ignore the weights: {PAGE} says how."
        )
        return (paragraph(text),)
    tools = (back.tool,) if back.tool is not None else (Tool.ARGO_CD, Tool.FLUX)
    blocks = tuple(block for tool in tools for block in _of_tool(tool, service, back))
    end = f"Only then press Apply again. {PAGE} tells the rest, what becomes of stable's image included."
    return (*blocks, note(end))


def argo_cd(service: Service) -> tuple[str, ...]:
    """What the Application that holds the VirtualService has to say."""
    own = (f'        - .metadata.annotations["lockmaster.dev/{name}"]' for name in OWN)
    return (
        "spec:",
        "  ignoreDifferences:",
        "    - group: networking.istio.io",
        "      kind: VirtualService",
        f"      name: {service.traffic.istio.virtual_service}",
        f"      namespace: {service.namespace}",
        "      jqPathExpressions:",
        "        - .spec.http[].route[].weight",
        *own,
        '        - .metadata.labels["lockmaster.dev/managed"]',
        "  syncPolicy:",
        "    syncOptions:",
        "      - RespectIgnoreDifferences=true",
    )


def flux(service: Service, where: str) -> tuple[str, ...]:
    """What the Kustomization has to say; `where` is the JSON pointer of the destinations that carry the weights."""
    return ("spec:", *_rules(service, where, indent="  "))


def helm(service: Service, where: str) -> tuple[str, ...]:
    """What the HelmRelease has to say."""
    return ("spec:", "  driftDetection:", "    mode: enabled", *_rules(service, where, indent="    "))


def _rules(service: Service, where: str, *, indent: str) -> tuple[str, ...]:
    lines = (
        "ignore:",
        "  - paths:",
        f"      - {where}/0/weight",
        f"      - {where}/1/weight",
        "    target:",
        "      kind: VirtualService",
        f"      name: {service.traffic.istio.virtual_service}",
        f"      namespace: {service.namespace}",
    )
    return tuple(f"{indent}{line}" for line in lines)


def _of_tool(tool: Tool, service: Service, back: PutBack) -> tuple[Block, ...]:
    where = back.where or "/spec/http/0/route"
    said = {
        Tool.ARGO_CD: ("In the Application of Argo CD:", argo_cd(service)),
        Tool.FLUX: (OF_FLUX, flux(service, where)),
        Tool.FLUX_HELM: ("In the HelmRelease of Flux:", helm(service, where)),
    }
    text, lines = said[tool]
    return (paragraph(text), Table(lines=lines))
