import { HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import type { Transport } from './hubLink.ts';

const KeepAliveMs = 5_000;
const ServerTimeoutMs = 15_000;
const HttpTimeoutMs = 5_000;

export function signalrTransport(url = '/hubs/alarms'): Transport {
  const connection = new HubConnectionBuilder()
    .withUrl(url, { timeout: HttpTimeoutMs })
    .withKeepAliveInterval(KeepAliveMs)
    .withServerTimeout(ServerTimeoutMs)
    .configureLogging(LogLevel.None)
    .build();
  return {
    start: () => connection.start(),
    stop: () => connection.stop(),
    invoke: (method, ...args) => connection.invoke(method, ...args),
    on: (event, handler) => connection.on(event, handler as (message: unknown) => void),
    onClosed: (handler) => connection.onclose(() => handler()),
  };
}
