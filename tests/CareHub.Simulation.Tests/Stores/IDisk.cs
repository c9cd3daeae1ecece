using CareHub.Core.Alarms;
using CareHub.Simulation.Tests.Audit;

namespace CareHub.Simulation.Tests.Stores;

/// <summary>What outlives the hub's process, and what an outsider reads there.</summary>
internal interface IDisk : IStoreReader, IDisposable
{
    /// <summary>Opens the ledger for one life of the hub.</summary>
    IAlarmLedger Open();
}
