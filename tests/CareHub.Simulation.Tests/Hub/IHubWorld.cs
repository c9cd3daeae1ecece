using CareHub.Simulation.Tests.Audit;
using CareHub.Simulation.Tests.World;

namespace CareHub.Simulation.Tests.Hub;

/// <summary>Points of a round at which the process may die.</summary>
internal enum CrashPoint
{
    BeforeCommit,
    AfterCommit,
    AfterPublish,
}

/// <summary>What the hub's process stands on.</summary>
internal interface IHubWorld
{
    Clock Clock { get; }

    Dice Dice { get; }

    Trace Trace { get; }

    Auditor Auditor { get; }

    /// <summary>Whether the process dies here.</summary>
    bool CrashesAt(CrashPoint point);

    void NewsForConsoles();
}
