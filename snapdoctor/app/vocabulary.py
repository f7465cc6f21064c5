"""Names of library calls by what they do. Only names; what follows from them is decided elsewhere."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CLOCKS = _words("""
    time.time time.time_ns time.monotonic time.monotonic_ns time.perf_counter time.perf_counter_ns datetime.datetime.now
    datetime.datetime.utcnow datetime.datetime.today datetime.date.today datetime.now asyncio.get_event_loop.time
""")
RANDOMS = _words("""
    uuid.uuid4 uuid.uuid1 secrets.token_hex secrets.token_urlsafe secrets.token_bytes secrets.randbelow secrets.choice os.urandom
    torch.manual_seed torch.cuda.manual_seed torch.cuda.manual_seed_all torch.seed torch.rand torch.randn torch.randint torch.randperm
    torch.Generator transformers.set_seed accelerate.utils.set_seed pytorch_lightning.seed_everything tensorflow.random.set_seed
""")
ALL_CUDA = _words("""
    torch.cuda.is_available torch.cuda.device_count torch.cuda.get_device_name torch.cuda.get_device_capability torch.cuda.mem_get_info
    torch.backends.cuda.is_built torch.accelerator.is_available cupy.cuda.Device tensorflow.config.list_physical_devices jax.devices
    jax.device_count pynvml.nvmlInit GPUtil.getGPUs
""")
COMPILERS = _words("torch.compile torch.jit.script torch.jit.trace torch._dynamo.optimize")
CONNECTORS = _words("""
    psycopg2.connect psycopg.connect asyncpg.connect asyncpg.create_pool pymysql.connect mysql.connector.connect sqlite3.connect
    websocket.create_connection websockets.connect pika.BlockingConnection aiomysql.create_pool aioredis.create_redis_pool
    redis.Redis.ping redis.from_url.ping redis.Redis.from_url.ping pymongo.MongoClient.admin.command pymongo.MongoClient.server_info kafka.KafkaProducer
    confluent_kafka.Producer nats.connect smtplib.SMTP paramiko.SSHClient.connect ray.init wandb.init mlflow.start_run neptune.init
    grpc.insecure_channel grpc.secure_channel sqlalchemy.create_engine.connect psycopg_pool.ConnectionPool psycopg2.pool.SimpleConnectionPool
    psycopg2.pool.ThreadedConnectionPool psycopg_pool.AsyncConnectionPool
""")
CLIENTS = _words("""
    requests.Session requests.session httpx.Client httpx.AsyncClient aiohttp.ClientSession boto3.client boto3.resource boto3.Session openai.OpenAI
    openai.AsyncOpenAI anthropic.Anthropic redis.Redis redis.StrictRedis redis.from_url redis.Redis.from_url redis.asyncio.Redis redis.asyncio.from_url
    pymongo.MongoClient sqlalchemy.create_engine sqlalchemy.ext.asyncio.create_async_engine qdrant_client.QdrantClient supabase.create_client
    elasticsearch.Elasticsearch urllib3.PoolManager google.cloud.storage.Client huggingface_hub.HfApi huggingface_hub.InferenceClient
    motor.motor_asyncio.AsyncIOMotorClient pinecone.Pinecone weaviate.Client http.client.HTTPConnection http.client.HTTPSConnection
""")
THREADS = _words("""
    sentry_sdk.init opentelemetry.sdk.trace.export.BatchSpanProcessor opentelemetry.sdk.metrics.export.PeriodicExportingMetricReader
    opentelemetry.sdk._logs.export.BatchLogRecordProcessor prometheus_client.start_http_server ddtrace.patch_all ddtrace.auto
    datadog.initialize newrelic.agent.initialize logfire.configure posthog.Posthog apscheduler.schedulers.background.BackgroundScheduler
    prometheus_client.push_to_gateway langfuse.Langfuse
""")
# What opens or maps a file and keeps it so.
FILES = _words("""
    builtins.open io.open tempfile.NamedTemporaryFile tempfile.TemporaryFile tempfile.mkstemp mmap.mmap numpy.memmap
    safetensors.safe_open h5py.File lmdb.open
""")
# Methods of a model that hand the same model back.
LOAD_KEEPERS = _words("""
    to cuda cpu half float bfloat16 double eval train requires_grad_ share_memory fuse_qkv_projections to_empty compile_repeated_blocks
    set_progress_bar_config enable_xformers_memory_efficient_attention bettertransformer to_bettertransformer
""")
INFERENCE_METHODS = _words("""
    generate generate_async async_generate encode encode_async encode_query encode_document predict transcribe forward __call__ create_chat_completion create_completion
    create_embedding embed chat infer inference run run_async synthesize tts tts_to_file rerank rank score compute_score stream
    stream_generate complete translate_batch generate_batch transcribe_batch embed_query embed_documents query_embed passage_embed
    generate_image generate_speech generate_voice_clone detect classify segment get_image_features get_text_features encode_image encode_text
    sample denoise upscale enhance process_image generate_content add_request warmup warm_up
""")
# Libraries whose functions keep a function for later instead of running it now.
QUIET = (
    "builtins.", "logging.", "atexit.", "signal.", "fastapi.", "starlette.", "typing.", "functools.", "dataclasses.", "contextlib.", "pydantic.",
    "gradio.", "flask.", "threading.Timer", "click.", "typer.", "pytest.", "abc.", "enum.", "collections.", "weakref.", "concurrent.futures.ProcessPoolExecutor",
)  # fmt: skip
