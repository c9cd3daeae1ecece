using CareHub.Server.Security;
using CareHub.Storage.Registry;

namespace CareHub.Server.Push;

/// <summary>One connected console.</summary>
/// <param name="caller">Who sits there.</param>
/// <param name="dutyMayHaveChanged">Called after each change that may make it a desk on duty, or none any more.</param>
internal sealed class ConsoleState(Caller caller, Action dutyMayHaveChanged)
{
    public Caller Caller { get; } = caller;

    public string? Viewing { get; set; }

    public AudioReport Audio
    {
        get;
        set
        {
            field = value;
            dutyMayHaveChanged();
        }
    } = new(Ok: false, Confirmed: false);

    /// <summary>Ends the feed of an earlier subscription on the same connection; cancelled when that feed has ended by itself.</summary>
    public CancellationTokenSource? Feed
    {
        get;
        set
        {
            field = value;
            dutyMayHaveChanged();
        }
    }

    /// <summary>Its sound runs, and a person has confirmed it.</summary>
    public bool IsAudible => Audio is { Ok: true, Confirmed: true };

    /// <summary>
    /// A desk on duty keeps those above it quiet, so it has to be one: it hears of alarms, can be heard, and answering them is
    /// its work. Carers, supervisors and administrators have other work; they keep nobody quiet.
    /// </summary>
    public bool IsOnDuty => IsAudible && Feed is { IsCancellationRequested: false } && Caller.Role == Roles.Operator;
}

/// <summary>Whether a console can be heard, by its own account.</summary>
/// <param name="Ok">The browser plays.</param>
/// <param name="Confirmed">A person has heard the test within the hour.</param>
internal sealed record AudioReport(bool Ok, bool Confirmed);
