namespace CareHub.Server.Configuration;

internal enum LogFormat
{
    /// <summary>Text at a terminal, JSON when standard error is redirected.</summary>
    Auto,
    Text,
    Json,
}
