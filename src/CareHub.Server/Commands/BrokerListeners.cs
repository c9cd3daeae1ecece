using System.CommandLine;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CareHub.Mqtt.Broker;
using CareHub.Server.Configuration;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace CareHub.Server.Commands;

/// <summary>TLS and WebSocket of the plain broker: its options, what may be wrong with them, and the listeners.</summary>
internal sealed class BrokerListeners : IAsyncDisposable
{
    private static readonly Option<string?> TlsListen = new("--tls-listen") { Description = "ADDRESS:PORT for MQTT over TLS; needs --certificate and --key." };
    private static readonly Option<string?> WebSocketListen = new("--ws-listen") { Description = "ADDRESS:PORT for MQTT over WebSocket." };
    private static readonly Option<string?> SecureWebSocketListen = new("--wss-listen") { Description = "ADDRESS:PORT for MQTT over WebSocket with TLS; needs --certificate and --key." };
    private static readonly Option<string> WebSocketPath = new("--ws-path") { Description = "Path of the WebSocket.", DefaultValueFactory = _ => "/mqtt" };
    private static readonly Option<FileInfo?> CertificateFile = new("--certificate") { Description = "The broker's certificate, PEM." };
    private static readonly Option<FileInfo?> KeyFile = new("--key") { Description = "The certificate's private key, PEM." };
    private static readonly Option<FileInfo?> ClientCaFile = new("--client-ca") { Description = "Ask clients for a certificate that leads to one of these authorities, PEM." };

    private readonly X509Certificate2? _certificate;
    private readonly X509Certificate2Collection? _clientAuthorities;
    private readonly IReadOnlyList<IPEndPoint> _tls;
    private readonly IReadOnlyList<IPEndPoint> _webSocket;
    private readonly IReadOnlyList<IPEndPoint> _secureWebSocket;
    private readonly string _path;
    private WebApplication? _web;

    private BrokerListeners(ParseResult parsed, List<string> errors)
    {
        _tls = Parse(parsed, TlsListen, errors);
        _webSocket = Parse(parsed, WebSocketListen, errors);
        _secureWebSocket = Parse(parsed, SecureWebSocketListen, errors);
        _path = parsed.GetValue(WebSocketPath)!;
        if (!_path.StartsWith('/'))
        {
            errors.Add($"--ws-path: '{_path}' does not begin with /");
        }

        var (certificate, key, clientCa) = (parsed.GetValue(CertificateFile), parsed.GetValue(KeyFile), parsed.GetValue(ClientCaFile));
        var needed = (parsed.GetValue(TlsListen) ?? parsed.GetValue(SecureWebSocketListen)) is not null;
        if (needed != (certificate is not null) || needed != (key is not null))
        {
            errors.Add(needed ? "--tls-listen and --wss-listen need --certificate FILE and --key FILE" : "--certificate and --key mean nothing without --tls-listen or --wss-listen");
        }

        if (clientCa is not null && !needed)
        {
            errors.Add("--client-ca means nothing without --tls-listen or --wss-listen");
        }

        _certificate = certificate is null || key is null ? null : Read("--certificate and --key", () => X509Certificate2.CreateFromPemFile(certificate.FullName, key.FullName), errors);
        _clientAuthorities = clientCa is null ? null : Read("--client-ca", () => ReadAuthorities(clientCa.FullName), errors);
    }

    public static void AddTo(Command command)
    {
        foreach (var option in new Option[] { TlsListen, CertificateFile, KeyFile, ClientCaFile, WebSocketListen, SecureWebSocketListen, WebSocketPath })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Null when something is wrong; then every error has been added.</summary>
    public static BrokerListeners? From(ParseResult parsed, List<string> errors)
    {
        var before = errors.Count;
        var listeners = new BrokerListeners(parsed, errors);
        return errors.Count == before ? listeners : null;
    }

    /// <summary>TLS listeners are the broker's own.</summary>
    public void AddTo(MqttServerOptions options)
    {
        foreach (var endpoint in _tls)
        {
            options.ListenTls.Add(new MqttTlsListener
            {
                EndPoint = endpoint,
                Certificate = () => _certificate!,
                ClientCertificateRequired = _clientAuthorities is not null,
                ValidateClientCertificate = _clientAuthorities is null ? null : (_, certificate, _, _) => IsTrusted(certificate),
            });
        }
    }

    /// <summary>WebSockets come through a web server. Says where the broker listens besides plain TCP.</summary>
    public async Task StartAsync(MqttServer server, TextWriter output, CancellationToken cancellationToken)
    {
        if (server.TlsEndpoints.Count > 0)
        {
            await output.WriteLineAsync($"MQTT over TLS listens on {string.Join(", ", server.TlsEndpoints)}");
        }

        if (_webSocket.Count + _secureWebSocket.Count == 0)
        {
            return;
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            foreach (var endpoint in _webSocket)
            {
                kestrel.Listen(endpoint);
            }

            foreach (var endpoint in _secureWebSocket)
            {
                kestrel.Listen(endpoint, listen => listen.UseHttps(UseTls));
            }
        });
        _web = builder.Build();
        _web.MapMqtt(_path, server);
        await _web.StartAsync(cancellationToken);
        var addresses = _web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        await output.WriteLineAsync($"MQTT over WebSocket listens on {string.Join(", ", addresses.Select(address => $"ws{address["http".Length..].TrimEnd('/')}{_path}"))}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_web is not null)
        {
            await _web.DisposeAsync();
        }

        _certificate?.Dispose();
    }

    private void UseTls(HttpsConnectionAdapterOptions https)
    {
        https.ServerCertificate = _certificate;
        if (_clientAuthorities is not null)
        {
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => IsTrusted(certificate);
        }
    }

    private bool IsTrusted(X509Certificate? presented)
    {
        if (presented is null)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(_clientAuthorities!);
        using var certificate = new X509Certificate2(presented);
        return chain.Build(certificate);
    }

    private static X509Certificate2Collection ReadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities.Count > 0 ? authorities : throw new IOException($"'{file}' holds no certificate in PEM form");
    }

    private static T? Read<T>(string option, Func<T> read, List<string> errors)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            errors.Add($"{option}: {failure.Message}");
            return null;
        }
    }

    private static IReadOnlyList<IPEndPoint> Parse(ParseResult parsed, Option<string?> option, List<string> errors)
    {
        if (parsed.GetValue(option) is not { } text)
        {
            return [];
        }

        if (!HubOptions.TryParseListen(text, out var endpoints, out var error))
        {
            errors.Add($"{option.Name}: {error}");
        }

        return endpoints;
    }
}
