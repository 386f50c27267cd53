"""The two requests in FastAPI and SQLAlchemy (asyncio, asyncpg), one uvicorn worker. Settings: the first line of standard input."""
import asyncio
import hashlib
import json
import socket
import sys
import time
import uuid
from datetime import datetime, timezone

import jwt
import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel
from sqlalchemy import JSON, text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

settings = json.loads(sys.stdin.readline())
sql = settings['sql']
detail_statement = text(sql['STRATEGY_DETAIL']).columns(versions=JSON, tests=JSON)
key = jwt.PyJWK(settings['jwk']).key
engine = create_async_engine(settings['databaseUrl'].replace('postgresql://', 'postgresql+asyncpg://'), pool_size=settings['poolSize'], max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
verified = {}
REMEMBER_S = 60
app = FastAPI()


class NewStrategy(BaseModel):
    name: str
    config_yaml: str


def authorized(authorization: str = Header()):
    token = authorization.removeprefix('Bearer ')
    digest = hashlib.sha256(token.encode()).hexdigest()
    if verified.get(digest, 0) > time.time():
        return
    try:
        claims = jwt.decode(token, key, algorithms=['RS256'], issuer=settings['issuer'], audience=settings['audience'])
    except jwt.InvalidTokenError as error:
        raise HTTPException(401) from error
    if 'admin:org' not in claims['scp'].split(' '):
        raise HTTPException(401)
    verified[digest] = time.time() + REMEMBER_S


async def tenant(session):
    await session.execute(text(sql['SET_TENANT']), {'p1': settings['orgId']})


async def detail(session, strategy_id):
    row = (await session.execute(detail_statement, {'p1': strategy_id})).mappings().first()
    if row is None:
        raise HTTPException(404)
    return dict(row)


def parameters(*values):
    return {f'p{i + 1}': value for i, value in enumerate(values)}


@app.get('/strategies/{strategy_id}', dependencies=[Depends(authorized)])
async def show(strategy_id: uuid.UUID):
    async with sessions.begin() as session:
        await tenant(session)
        return await detail(session, strategy_id)


@app.post('/strategies', status_code=201, dependencies=[Depends(authorized)])
async def create(body: NewStrategy):
    org, workspace, user = (uuid.UUID(settings[name]) for name in ('orgId', 'workspaceId', 'userId'))
    run, strategy_id, at = uuid.uuid4(), uuid.uuid4(), datetime.now(timezone.utc)
    actor = f'user:{user}'
    async with sessions.begin() as session:
        await tenant(session)
        await session.execute(text(sql['INSERT_RUN']), parameters(run, org, actor, body.model_dump_json(), at))
        await session.execute(text(sql['INSERT_ENTRY']), parameters(uuid.uuid4(), org, 'intent', run, json.dumps({'action': 'strategy.create', 'actor': actor}), at))
    async with sessions.begin() as session:
        await tenant(session)
        await session.execute(text(sql['INSERT_STRATEGY']), parameters(strategy_id, org, workspace, user, body.name, body.config_yaml, str(user), at))
        spec_hash = hashlib.sha256(body.config_yaml.encode()).hexdigest()
        await session.execute(text(sql['INSERT_VERSION']), parameters(
            uuid.uuid4(), org, workspace, user, strategy_id, body.config_yaml, json.dumps({'text': body.config_yaml}), spec_hash, str(user), at))
        await session.execute(text(sql['END_RUN']), parameters(run, json.dumps({'id': str(strategy_id)}), datetime.now(timezone.utc)))
        await session.execute(text(sql['INSERT_ENTRY']), parameters(
            uuid.uuid4(), org, 'outcome', run, json.dumps({'status': 'succeeded', 'id': str(strategy_id)}), datetime.now(timezone.utc)))
        return await detail(session, strategy_id)


async def main():
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level='warning', access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.02)
    print(json.dumps({'port': listener.getsockname()[1]}), flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()
    server.should_exit = True
    await serving


asyncio.run(main())
