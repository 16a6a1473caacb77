"""Names of JSON members and headers that only a back end has, by what they disclose."""

from __future__ import annotations

import re
from typing import Any

from conformance.wire.leaking.credentials import looks_secret
from conformance.wire.leaking.spans import Kind


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SECRETS = _names("""
    api_key apikey api_secret secret secret_key secret_access_key aws_secret_access_key
    aws_access_key_id access_key access_key_id  password passwd private_key client_secret credential
    credentials auth_token bearer_token access_token refresh_token authorization  x_api_key master_key
    virtual_key upstream_key provider_key channel_key aws_session_token service_account_json
    vertex_credentials
""")
_TRACES = _names("""
    stack stacktrace stack_trace trace traceback backtrace exception exception_class exception_type
    exc_info exc debug_trace  debug_error_string error_stack call_stack inner_exception root_cause
    exception_message stack_traces
""")
_UPSTREAM = _names("""
    provider provider_name provider_id provider_error provider_response provider_message provider_code
    provider_status llm_provider  custom_llm_provider provider_specific_fields provider_model upstream
    upstream_error upstream_status upstream_status_code  upstream_response upstream_message
    upstream_code upstream_body upstream_provider upstream_url upstream_headers upstream_type
    original_error original_response original_message raw raw_error raw_response raw_body raw_message
    response_body  underlying_error nested_error source_error remote_error backend_error
    backend_response vendor vendor_error error_from_provider  litellm_debug_info num_retries max_retries
    fallbacks model_group_fallbacks previous_errors providers_tried
""")
_IDENTIFIERS = _names("""
    channel channel_id channel_name channel_type channel_ids deployment deployment_id deployment_name
    deployments router router_id  cluster cluster_id cluster_name pod pod_id pod_name pod_ip node
    node_id node_name replica replica_id replica_name worker worker_id worker_name  worker_pid pid
    hostname host host_name server_id server_name server_ip instance_id instance_name machine machine_id
    container_name  shard shard_id backend backend_id backend_name backend_url account_id account_name
    tenant_id subscription_id resource_group project_number  litellm_params litellm_call_id
    litellm_model_name litellm_model_id litellm_metadata model_group model_info hidden_params api_base
    base_url api_version  endpoint_url internal_url internal_id internal_model internal_name
    internal_code upstream_model upstream_model_id upstream_model_name upstream_id  upstream_request_id
    upstream_account upstream_account_id real_model actual_model mapped_model target_model model_mapping
    model_deployment  route_id pool pool_id pool_name engine_id namespace region_cluster zone_id queue
    queue_name key_index key_id_internal group_id  credential_id credential_name api_key_id
    virtual_key_id key_alias team_alias
""")
_STORAGE = _names("""
    sql query_sql sqlstate sql_state sql_message sqlmessage sql_code db_error database_error pg_code
    constraint_name
""")
_PLACES = _names("""
    file filename file_name filepath file_path source_file lineno line_number working_directory cwd
""")

# In a success: only what names who answered. A member ``channel`` is part of some models' message format.
_IDENTITY = _names("""
    provider provider_name provider_id llm_provider custom_llm_provider provider_model provider_api
    upstream upstream_model upstream_provider  upstream_id upstream_url upstream_model_id
    upstream_model_name upstream_account_id deployment deployment_id deployment_name channel_id
    channel_name channel_type backend backend_id backend_name backend_url api_base litellm_params
    hidden_params model_deployment litellm_model_name  litellm_model_id endpoint_url model_requested
    real_model actual_model mapped_model router_id cluster_id cluster_name pod_name node_name
    replica_id worker_id x_litellm_model_id model_mapping account_id hostname
""")
_MODEL_EXTRAS = _names("""
    litellm_provider internal internals endpoint_host port ip ip_address private_ip key_name keys
    config_path upstream_cost upstream_price  provider_cost provider_price cost_price internal_cost
    internal_price our_cost margin markup weight_path model_path checkpoint_path  gpu gpu_ids
    gpu_devices devices served_by backends upstreams channels routers replicas workers
""")
_MODEL_LEGAL = _names("""
    provider provider_model providers vendor trace raw api_version model_info group_id pool queue
    namespace root_cause max_retries num_retries
""")
_RELEASE_CHANNELS = re.compile(
    r"(?i)stable|beta|alpha|preview|release|ga|experimental|canary|public|deprecated|legacy"
)
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_HEADER = re.compile(
    r"(?:^|[-_])(?:upstream|backend|deployment|channel|cluster|pod|replica|worker|provider|api-?base|model-id|model-group|origin-(?:server|host|ip)"
    r"|real-(?:server|ip|host)|server-(?:id|ip|name|addr)|node-(?:id|name)|instance-id|internal|hostname|container|kubernetes|account-id|router-id)(?:[-_]|$)"
)
_MEASURES = re.compile(
    r"time|latency|duration|-ms$|seconds|status|attempt|retries|count|cost|protocol|health(?!checked-cluster)|version|cache|cdn|ratelimit|limit|quota"
)
_RELAYED = re.compile(
    r"^(?:llm[_-]provider-|x-litellm-|anthropic-|x-ms-(?:region|deployment|azure)|azureml-|x-amzn-(?:bedrock|sagemaker)|x-goog-|x-groq-|apim-|cf-aig-|x-dashscope-|x-oneapi-channel|x-new-api-channel)"
)
_RELAYED_LEGAL = re.compile(
    r"call-id|version|request-?id|cost|duration|spend|limit|rpm|tpm|overhead|retries|fallbacks"
)


def plain_name(name: str) -> str:
    """``channelId``, ``Channel-Id`` and ``_channel_id`` are all ``channel_id``."""
    return _WORDS.sub("_", name).replace("-", "_").replace(".", "_").replace(" ", "_").lower().strip("_")


def says_something(value: Any) -> bool:
    """False for null, an empty text or container, false and zero."""
    return bool(value) and value not in ("null", "none", "None", "N/A", "unknown", "n/a")


def error_member(name: str, value: Any) -> Kind | None:
    """What a member of an error discloses by its name, if it holds anything."""
    plain = plain_name(name)
    if not says_something(value):
        return None
    if plain in _SECRETS:
        return "credential" if isinstance(value, str) and looks_secret(value) else None
    if plain in _TRACES:
        return "trace" if _is_trace(plain, value) else None
    if plain in _STORAGE:
        return "storage"
    if plain in _IDENTIFIERS:
        return "identifier"
    behind = plain.startswith(("upstream_", "provider_", "litellm_", "backend_"))
    return "upstream" if behind or plain in _UPSTREAM else None


def _is_trace(plain: str, value: Any) -> bool:
    """``trace`` may hold the id of a request, which is a client's to know."""
    if plain in {"trace", "exception", "root_cause"} and isinstance(value, str):
        return bool(re.search(r"\s|\.|Exception|Error|::|\\", value))
    return isinstance(value, str | list | dict)


def is_place_of_error(name: str) -> bool:
    """True for members that say where in the code, beside a trace that says it already."""
    return plain_name(name) in _PLACES | {"line", "function", "method"}


def model_member(name: str, value: Any) -> bool:
    """True for a member of a model record that is not a client's to see."""
    plain = plain_name(name)
    if plain in _MODEL_LEGAL:
        return False
    if plain in _SECRETS:
        return True
    if not says_something(value):
        return plain in _IDENTIFIERS and plain != "channel"
    if plain == "channel" and isinstance(value, str):
        return not _RELEASE_CHANNELS.fullmatch(value)
    internal = plain.startswith(("internal_", "upstream_", "litellm_", "backend_", "channel_", "deployment_"))
    return internal or plain in _IDENTIFIERS | _UPSTREAM | _STORAGE | _TRACES | _MODEL_EXTRAS


def success_member(name: str, value: Any) -> bool:
    """True for a member of a success that names who answered behind the API."""
    plain = plain_name(name)
    return says_something(value) and (plain in _IDENTITY or plain.startswith(("litellm_", "upstream_")))


def header_name(name: str, value: str) -> bool:
    """True for a header that by its name discloses a back end."""
    plain = name.lower()
    if not says_something(value.strip()) or (
        _MEASURES.search(plain) and not plain.startswith("x-litellm-model")
    ):
        return False
    if _RELAYED.search(plain):
        return not _RELAYED_LEGAL.search(plain)
    return bool(_HEADER.search(plain))
